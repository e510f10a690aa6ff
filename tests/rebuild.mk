# The state made anew from the CSV: broken in every way that tests/e2e has, of which `make check` takes
# a part; and how fast it is.

BENCH_DAYS = 5

.PHONY: rebuild-sweep bench-rebuild

rebuild-sweep:
	UPTICK_SWEEP=1 $(MAKE) --no-print-directory $(BUILD)/e2e/test_broken_state.run \
		$(BUILD)/e2e/test_spoiled.run

bench-rebuild: $(BUILD)/uptick $(BUILD)/records $(BUILD)/measure
	sh tests/bench/rebuild.sh $(abspath $(BUILD)) $(BENCH_DAYS)
