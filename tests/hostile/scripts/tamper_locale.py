"""Changes locale, time zone, warnings filter and the default of float printing, then works."""
import decimal
import locale
import os
import sys
import time
import warnings

locale.setlocale(locale.LC_ALL, "C")
os.environ["TZ"] = "Pacific/Kiritimati"
time.tzset()
decimal.getcontext().prec = 2

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
    warnings.simplefilter("error")
