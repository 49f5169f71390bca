"""What is said of packages that a step asks for, of machines that it wants to reach, of clouds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipetest.offline import explain_cloud, explain_network, judge_network
from pipetest.requirements import judge, judge_installs, judge_requirements_file, requirement_names
from pipetest.results import Finding

INSTALLED = {
    "scikit-learn": "1.9.1",
    "pandas": "2.2.3",
    "odd": "not-a-version",
    "xgboost": None,
    "rc": "2.0rc1",
}


def call(*asked: str, **more: Any) -> Mapping[str, Any]:
    return {"what": "pip", "requirements": list(asked), "installed": INSTALLED, "python": "3.11.7", **more}


def short(findings: list[Finding]) -> list[str]:
    return [f"{one.severity}: {one.message}" for one in findings]


# --- installs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("pandas", "met"),
        ("Pandas[performance] >=2,<3", "met"),
        ("pandas==2.2.*", "met"),
        ("pandas==1.5", "unmet"),
        ("Scikit_Learn~=1.2.0", "unmet"),
        ("xgboost", "missing"),
        ("rc>=1", "met"),
        ("odd>1", "unjudged"),
        ("unknown==1", "unjudged"),
        ("pandas @ https://host/pandas.whl", "unjudged"),
        ("-e .", "unjudged"),
        ("./pkg", "unjudged"),
        ("git+https://host/a", "unjudged"),
        ("a.whl", "unjudged"),
        ("pandas=1", "malformed"),
        ("pandas 2", "malformed"),
        ("xgboost; python_version >= '3.10'", "missing"),
        ("xgboost; python_version < '3.10'", None),
        ("xgboost; python_full_version == '3.11.7'", "missing"),
        ("xgboost; extra == 'gpu'", None),
        ("xgboost; sys_platform == 'nowhere'", None),
    ],
)
def test_a_requirement_is_held_against_what_is_installed(text: str, state: str | None) -> None:
    verdict = judge(text, INSTALLED, "3.11.7")
    assert (verdict.state if verdict else None) == state


def test_each_install_is_judged_once_with_the_line_it_comes_from() -> None:
    records = [
        {"what": "command", "file": "/s/train.py", "line": 7},
        call("pandas>=2", "scikit-learn==1.2.0", "xgboost", "git+https://host/a"),
        call("pandas>=2", "xgboost", file="/s/train.py", line=9),
    ]
    findings = judge_installs("train", records)
    assert short(findings) == [
        "warning: train asks pip for scikit-learn==1.2.0, and 1.9.1 is installed.",
        "error: train asks pip for xgboost, which is not installed here.",
        "note: train installs packages while it runs; what it asks for is here: pandas>=2 (2.2.3).",
        "note: train asks pip for git+https://host/a, which cannot be held against what is installed.",
    ]
    assert {(one.code, one.file, one.line) for one in findings} == {("installs-packages", "/s/train.py", 7)}
    assert "pip install 'xgboost==...'" in findings[1].hint


def test_what_is_no_install_is_a_note_and_what_pip_refuses_a_warning() -> None:
    assert short(judge_installs("a", [call("x", tool="conda")])) == [
        "note: a calls `conda install` for x: nothing was changed."
    ]
    assert short(judge_installs("a", [call("x", tool="pip", command="uninstall")])) == [
        "note: a calls `pip uninstall` for x: nothing was changed."
    ]
    assert short(judge_installs("a", [call(problem="Invalid requirement: 'a=1'")])) == [
        "warning: a calls `pip install`, which refuses: Invalid requirement: 'a=1'."
    ]


JSON = st.recursive(
    st.none() | st.integers() | st.text(), lambda of: st.lists(of) | st.dictionaries(st.text(), of)
)


@given(
    st.dictionaries(st.sampled_from(["requirements", "installed", "python", "file", "line", "tool"]), JSON)
)
def test_no_record_stops_the_judgement(record: dict[str, Any]) -> None:
    judge_installs("a", [{**record, "what": "pip"}, {**record, "what": "command"}])
    judge_network("a", [{**record, "what": "network", "host": record.get("tool")}], True)


# --- requirements.txt --------------------------------------------------------------------------------------


def test_a_requirements_file_is_judged_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    (tmp_path / "more.txt").write_text("xgboost\n-r requirements.txt\n")
    text = (
        "\ufeff# ours\npandas>=2  # fine\nscikit-learn==1.2.0 \\\n  --hash=sha256:0\n-r more.txt\n"
        "pandas=1.0\n-i https://host/\nrc==2004d\n-r nowhere.txt\nnumpy @ file:///no/such/place\n-e .\n"
    )
    findings = judge_requirements_file("train", path, text, INSTALLED, "3.11")
    assert [(Path(one.file or "").name, one.line, str(one.severity), one.code) for one in findings] == [
        ("requirements.txt", 3, "warning", "requirement-unmet"),
        ("more.txt", 1, "warning", "requirement-unmet"),
        ("requirements.txt", 6, "error", "requirement-malformed"),
        ("requirements.txt", 8, "warning", "requirement-malformed"),
        ("requirements.txt", 9, "error", "requirement-malformed"),
        ("requirements.txt", 10, "warning", "requirement-malformed"),
    ]
    assert findings[0].message.endswith("asks for scikit-learn==1.2.0, and 1.9.1 is installed here.")
    assert findings[2].hint == "A version takes two signs: `pandas==1.0`."
    assert requirement_names(text, path) == ["pandas", "scikit-learn", "xgboost", "numpy"]
    assert requirement_names(text) == ["pandas", "scikit-learn", "numpy"]


@given(st.text() | st.from_regex(r"[a-c]+(\[x\])?[<>=!~ ]{0,3}[\w.*]*(;.*)?", fullmatch=True))
def test_no_text_stops_the_judgement(text: str) -> None:
    names = requirement_names(text)
    for installed in ({}, dict.fromkeys(names), dict.fromkeys(names, "1.0")):
        judge_requirements_file("a", Path("/no/such/requirements.txt"), text, installed, "3.8")


# --- the network -------------------------------------------------------------------------------------------


def attempt(host: str, port: int | None = 443) -> Mapping[str, Any]:
    return {"what": "network", "host": host, "port": port, "call": "connect", "file": "/s/a.py", "line": 3}


def test_each_host_is_named_once_with_its_port_and_line() -> None:
    records = [
        attempt("host.example", None),
        attempt("host.example"),
        attempt("host.example"),
        attempt("::2", 1),
    ]
    findings = judge_network("a", records, failed=False)
    assert short(findings) == [
        "warning: a wants to reach host.example:443, and a step has no network.",
        "warning: a wants to reach [::2]:1, and a step has no network.",
    ]
    assert {(one.file, one.line) for one in findings} == {("/s/a.py", 3)}
    assert short(judge_network("a", records[:1], failed=True)) == [
        "error: a wants to reach host.example, and a step has no network."
    ]


def test_clouds_are_called_by_their_name() -> None:
    said = short(
        judge_network("a", [attempt("169.254.169.254", 80), attempt("s3.eu-west-1.amazonaws.com")], True)
    )
    assert said == [
        "error: a asks 169.254.169.254:80 for cloud credentials, and a step has no network.",
        "error: a calls AWS (s3.eu-west-1.amazonaws.com:443), and a step has no network.",
    ]


@pytest.mark.parametrize(
    ("kind", "message", "where"),
    [
        ("gaierror", "[Errno -3] Temporary failure in name resolution", "another machine"),
        ("OSError", "[Errno 101] Network is unreachable", "another machine"),
        ("OperationalError", 'could not translate host name "db.example" to address: x', "db.example"),
        (
            "ConnectionError",
            "HTTPSConnectionPool(host='h.example', port=443): NameResolutionError",
            "h.example:443",
        ),
        ("error", "Could not resolve host: h.example", "h.example"),
        ("ConnectionError", "[Errno 111] Connection refused", None),
        ("ValueError", "bad host", None),
    ],
)
def test_a_failure_for_want_of_a_network_is_explained(kind: str, message: str, where: str | None) -> None:
    found = explain_network("a", kind, message)
    assert (found.message if found else None) == (
        f"a wants to reach {where}, and a step has no network." if where else None
    )


@pytest.mark.parametrize(
    ("kind", "message", "records"),
    [
        ("NoCredentialsError", "Unable to locate credentials", []),
        ("botocore.exceptions.NoRegionError", "You must specify a region.", []),
        ("ClientError", "An error occurred (ExpiredToken) when calling the GetObject operation", []),
        ("EndpointConnectionError", 'Could not connect to the endpoint URL: "https://s3.amazonaws.com/"', []),
        ("DefaultCredentialsError", "Your default credentials were not found.", []),
        ("ValueError", "Must setup local AWS configuration with a region supported by SageMaker.", []),
        ("ConnectTimeoutError", "timed out", [attempt("169.254.169.254", 80)]),
        ("URLError", "<urlopen error [Errno 101] Network is unreachable>", [attempt("169.254.170.2", 80)]),
    ],
)
def test_a_failure_for_want_of_credentials_is_explained(
    kind: str, message: str, records: list[Mapping[str, Any]]
) -> None:
    found = explain_cloud("train", kind, message, records, file="/s/train.py", line=4, loading=True)
    assert found
    assert found.message == (
        "train.py asks the cloud for credentials while it is imported (line 4), "
        f"which a test does not have: {kind}."
    )
    assert "Move the call into the function" in found.hint


def test_other_failures_are_not_about_credentials() -> None:
    assert explain_cloud("a", "ValueError", "could not convert") is None
    assert explain_cloud("a", "ConnectTimeoutError", "timed out", [attempt("host.example")]) is None
    assert explain_cloud("a", "ClientError", "An error occurred (NoSuchKey)") is None
