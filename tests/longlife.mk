# A long life: LONGLIFE_DAYS days of ticks, one a minute, under a moved clock. `make check` runs the
# same program's quick part.

LONGLIFE_DAYS = 30

.PHONY: longlife

$(BUILD)/longlife: $(BUILD)/tests/longlife/longlife.o $(E2E_HARNESS)
	$(say) LINK $@
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ -ljansson -lsqlite3 -lcmocka

$(BUILD)/tests/longlife/longlife.o: ALL_CFLAGS += -Itests/e2e

# Its quick part is one of the tests.
tests: $(BUILD)/longlife
e2e: $(BUILD)/longlife.run

longlife_environment = UPTICK=$(abspath $(BUILD)/uptick) AWKWARD=$(abspath $(BUILD)/awkward) \
	MOVED_CLOCK_LIBRARY=$(abspath $(BUILD)/moved_clock.so)

$(BUILD)/longlife.run: $(BUILD)/longlife $(BUILD)/uptick $(BUILD)/awkward $(BUILD)/moved_clock.so FORCE
	$(call run_test,$(longlife_environment))

longlife: $(BUILD)/longlife $(BUILD)/uptick $(BUILD)/awkward $(BUILD)/moved_clock.so
	LONGLIFE_DAYS=$(LONGLIFE_DAYS) $(longlife_environment) $<

-include $(BUILD)/tests/longlife/longlife.d
