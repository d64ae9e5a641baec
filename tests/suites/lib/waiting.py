"""Waiting for a condition, with an end."""
import time

WAIT_SECONDS = 90
DAY_SECONDS = 24 * 60 * 60
LONGEST_TEST_SECONDS = 5 * 60


def wait_until(condition, what, seconds=WAIT_SECONDS):
    """For conditions that nobody announces: looks again and again, and returns what it found."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > until:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.01)
    return found


def wait_out_midnight():
    """Call it before a gateway starts whose spend a test counts: at midnight, UTC, cycles end, and
    what was spent of a cap is nothing again. Waits until a whole test fits before the next one."""
    def fits():
        return time.time() % DAY_SECONDS < DAY_SECONDS - LONGEST_TEST_SECONDS
    wait_until(fits, "the next day", LONGEST_TEST_SECONDS + WAIT_SECONDS)
