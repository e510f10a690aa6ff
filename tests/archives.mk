# What packing archives costs. (`make crash` kills ticks that pack at each of their calls.)

.PHONY: archives

archives: $(BUILD)/uptick $(BUILD)/measure
	sh tests/archives/measure.sh $(abspath $(BUILD)) $(MONITORS)
