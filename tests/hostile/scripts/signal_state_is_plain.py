"""Asserts that it finds the signal handlers and the signal mask of a plain interpreter."""
import signal
import sys

if __name__ == "__main__":
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGPIPE) == signal.SIG_IGN
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGALRM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        assert signal.getsignal(number) == signal.SIG_DFL, number
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, []), "signals are blocked"
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0), "a timer is running"
    open(sys.argv[1] + "/result.txt", "w").write("done")
