"""The child side: runs by path in a step's own interpreter, Python 3.8 or later, standard library only.

    python _worker.py CONTROL LANE...    the worker: preload once, then one keeper a lane
    python _worker.py --step REQUEST     one attempt in this very process: what ``--fresh`` starts

                    control: {"preloading": name}, {"failed": name, ...}, {"ready": true}
    parent  <------------------------------------------------------------  worker
       |                                                                     | fork, once a lane
       |  lane: {"id", "mode", "path", ...} one line an attempt               v
       +------------------------------------------------------------------> keeper
       <--- {"id", "status", "seconds", "answer", "left", ...} ------------   | fork, once an attempt
                                                                             v
                                            step process: own session, log file, private environment

The parent's death is an end-of-file on the lane. This file is read anew at every start, so it is short;
its parts, ``_worker_*.py``, are cached as any module is.
"""

import sys

BASELINE = frozenset(sys.modules)  # what a fresh interpreter has before the first line of a script
folder = __file__.rpartition("/")[0]
if folder in sys.path[:1]:
    del sys.path[0]  # our modules must not be importable by a script ...
sys.path.append(folder)  # ... but for this moment

import _worker_dormant  # noqa: E402
import _worker_step  # noqa: E402

if sys.argv[1] != "--step":
    import _worker_preload

sys.path.remove(folder)
_worker_dormant.hide(BASELINE, folder)
if sys.argv[1] == "--step":
    _worker_step.main_step(sys.argv[2])
else:
    _worker_preload.main_worker([int(argument) for argument in sys.argv[1:]])
