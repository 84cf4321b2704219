"""The deciding core. Pure: it takes time, money and configuration as arguments, and reads no clock, no environment and no chance."""
