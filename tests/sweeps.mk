# The tests that end or fail the program at each of its calls, in full; `make check` runs a part of
# each. A disk in memory, where there is one, spares the machine's own.
SWEEP = UPTICK_SWEEP=all TMPDIR=$${TMPDIR:-$$(test -w /dev/shm && echo /dev/shm || echo /tmp)} \
	$(E2E_ENVIRONMENT)

.PHONY: crash

crash: packages
	$(MAKE) --no-print-directory tests
	$(SWEEP) $(BUILD)/unit/test_crash
	$(SWEEP) $(BUILD)/e2e/test_crash_sweep
