"""Waiting for a condition, with an end."""
import time

WAIT_SECONDS = 90


def wait_until(condition, what, seconds=WAIT_SECONDS):
    """For conditions that nobody announces: looks again and again, and returns what it found."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > until:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.01)
    return found
