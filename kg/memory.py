"""What the C library does with freed memory. One that has not these functions, which are glibc's, does as it likes."""

import ctypes
from contextlib import suppress

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # as malloc.h names them


def trim() -> None:
    """Give free memory back to the system."""
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def tune(*, large: int, retained: int) -> None:
    """Give blocks of `large` bytes or more back as soon as they are free; of smaller ones retain up to `retained` free bytes."""
    with suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, large)
        mallopt(M_TRIM_THRESHOLD, retained)
