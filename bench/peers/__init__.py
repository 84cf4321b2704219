"""The peers, which people would deploy instead, each written as its own documentation advises; and the floors that nobody gets under.

All verify the signature, answer a sender once in 24 hours, stay silent with `200` and an empty `<Response/>` otherwise, and
refuse what is forged with `403`. None of the peers keeps what it has answered on disk: that job only we do.
"""
