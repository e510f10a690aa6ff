# Every state that a disk may hold after a power cut; `make check` tries a part of them.
.PHONY: powercut

powercut: packages
	$(MAKE) --no-print-directory tests
	$(SWEEP) $(BUILD)/e2e/test_powercut
