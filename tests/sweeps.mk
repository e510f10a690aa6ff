# Long tests: they kill, cut or fail the program at every place. `make check` runs a part of each.

.PHONY: crash powercut torture rebuild-sweep longlife simulate archives

# The sweeps write much, so they use a disk in memory if there is one.
SWEEP = UPTICK_SWEEP=$${UPTICK_SWEEP:-all} \
	TMPDIR=$${TMPDIR:-$$(test -w /dev/shm && echo /dev/shm || echo /tmp)} $(E2E_ENVIRONMENT)

## crash: kill a tick, and the tick that recovers, at each call that changes a file
crash: packages
	$(MAKE) --no-print-directory tests
	$(SWEEP) $(BUILD)/unit/test_crash
	$(SWEEP) $(BUILD)/e2e/test_crash_sweep
	$(SWEEP) $(BUILD)/e2e/test_alert_kills

## powercut: recover from every state that a disk may hold after a power cut
powercut: packages
	$(MAKE) --no-print-directory tests
	$(SWEEP) $(BUILD)/e2e/test_powercut

## torture: let each file call and each allocation fail, once and from then on
torture: packages
	$(MAKE) --no-print-directory tests
	$(SWEEP) $(BUILD)/e2e/test_torture
	$(SWEEP) $(BUILD)/e2e/test_torture_memory

## rebuild-sweep: damage state.db and the records in every way listed, and recover
rebuild-sweep: packages
	UPTICK_SWEEP=1 $(MAKE) --no-print-directory $(BUILD)/e2e/test_broken_state.run \
		$(BUILD)/e2e/test_spoiled.run

## longlife: run a tick a minute for LONGLIFE_DAYS (30) days, under a moved clock
LONGLIFE_DAYS = 30
longlife: packages
	$(MAKE) --no-print-directory tests
	LONGLIFE_DAYS=$(LONGLIFE_DAYS) $(E2E_ENVIRONMENT) $(BUILD)/longlife

$(BUILD)/longlife: $(BUILD)/tests/longlife/longlife.o $(BUILD)/tests/only.o $(E2E_HARNESS)
	$(say) LINK $@
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ -ljansson -lsqlite3 -lcmocka

$(BUILD)/tests/longlife/longlife.o: ALL_CFLAGS += -Itests/e2e

# `make check` runs it for a few days.
tests: $(BUILD)/longlife
e2e: $(BUILD)/longlife.run

$(BUILD)/longlife.run: $(BUILD)/longlife $(E2E_PROGRAMS) FORCE
	$(call run_test,$(E2E_ENVIRONMENT))

$(BUILD)/longlife.one: $(BUILD)/longlife $(E2E_PROGRAMS) FORCE
	$(E2E_ENVIRONMENT) $<

## simulate: run SEEDS (1,000) months of outages and alerts, from the seed FROM (1) on
SEEDS = 1000
FROM = 1
simulate: packages
	$(MAKE) --no-print-directory $(BUILD)/simulate
	$(BUILD)/simulate $(FROM) $(SEEDS)

# The linker sends these calls to tests/simulate/service.c.
SIMULATED = sender_start sender_is_done sender_finish payload_make payload_free message_write message_print clock_now
SIMULATE_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/simulate/*.c))
$(SIMULATE_OBJECTS): ALL_CFLAGS += -Itests/unit
$(SIMULATE_OBJECTS): | $(BUILD)/packages

$(BUILD)/simulate: $(SIMULATE_OBJECTS) $(ROOMS)
	$(say) LINK $@
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(SIMULATED:%=-Wl,--wrap=%) -o $@ $^ $(LIBRARY_LIBS) -lcmocka

# `make check` runs a few days of a few seeds.
tests: $(BUILD)/simulate
unit: $(BUILD)/simulate.run

$(BUILD)/simulate.run: $(BUILD)/simulate FORCE
	$< 1 12 5 > $@ 2>&1 || { cat $@; exit 1; }
	sed -n 's/^\[  PASSED  \] /simulate: passed /p' $@

## archives: measure the compression of a day of MONITORS (1,000) monitors
archives: $(BUILD)/uptick $(BUILD)/measure
	sh tests/archives/measure.sh $(abspath $(BUILD)) $(MONITORS)

-include $(BUILD)/tests/longlife/longlife.d $(SIMULATE_OBJECTS:.o=.d)
