"""Has an assertion that fails, which must not be optimised away."""

if __name__ == "__main__":
    assert 1 == 2, "one is not two"
