from . import more

THREE = more.TWO + 1
