"""Files become passages here: found, converted, split, analysed, embedded, written."""

import os

# Read by haystack when it is first imported; the product opens no connection of its own.
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
