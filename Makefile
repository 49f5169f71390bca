# make example             run the example pipeline
# make example-sagemaker   run the example of a SageMaker pipeline
# make test                run all tests
# Each installs what it needs into .venv the first time. PYTHON names the interpreter to make that with.

PYTHON ?= python3
EXTRA_VENV = $$($(PYTHON) -c 'import ensurepip' 2> /dev/null || echo --without-pip)  # Debian has it apart
PIP = $$([ -x .venv/bin/pip ] && echo .venv/bin/python -m pip || echo $(PYTHON) -m pip --python .venv/bin/python)

.PHONY: example example-sagemaker test clean

example: .venv/example.stamp
	.venv/bin/pipetest run examples/wine/pipeline.yaml

example-sagemaker: .venv/example.stamp
	.venv/bin/pipetest run examples/sagemaker/definition.json

# A temporary folder of its own: two pytests that tidy up the same one trip over each other.
# One worker more than there are cores: tests wait for the processes that they start.
test: .venv/dev.stamp
	temp=$$(mktemp -d) && trap 'rm -rf "$$temp"' EXIT && PYTEST_DEBUG_TEMPROOT="$$temp" .venv/bin/python -m pytest -n $$(.venv/bin/python -c 'import os; print(os.cpu_count() + 1)') --dist loadfile

clean:
	rm -rf .venv

# A stamp says that the extra of that name is installed; a changed pyproject.toml makes it stale.
.venv/%.stamp: pyproject.toml | .venv/bin/python
	$(PIP) install --disable-pip-version-check --quiet --editable '.[$*]'
	touch $@

.venv/bin/python:
	$(PYTHON) -m venv $(EXTRA_VENV) .venv
