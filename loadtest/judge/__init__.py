"""The judge: the harness's own model of the worker's promises, held against what was seen.

There is one word for each kind of sum: a *demand* is what the flood asks for, a *tally* what the processes counted, an
*account* the money in it, each message once; a *status* is what the worker says of itself, and *booked* the difference of
two of them.
"""
