# What is published for programs is held to the rules of those that read it, by Python.

E2E_ENVIRONMENT += MACHINES=$(abspath tests/machines)
