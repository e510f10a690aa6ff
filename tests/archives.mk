# Packed archives, the long part: a kill at each call of ticks that pack, and what packing costs.

.PHONY: archives

archives: $(BUILD)/uptick $(BUILD)/measure $(BUILD)/unit/test_crash
	UPTICK_CRASH_ALL=1 $(BUILD)/unit/test_crash
	sh tests/archives/measure.sh $(abspath $(BUILD)) $(MONITORS)
