# Measurements: of the program (bench), and of its tests (coverage, mutation).

.PHONY: bench bench-quick bench-rebuild figures coverage mutation mutate-example

BENCH_TOOLS := $(patsubst tests/bench/%.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
BENCH_PROGRAMS := $(addprefix $(BUILD)/,uptick moved_clock.so dns) $(BENCH_TOOLS)

## bench: measure ticks next to a minimal client, compare them with the targets, write the README's figures
# The targets are in tests/bench/rows. As root, each part has its files on a new ext4. PARTS="builds
# rebuilds" measures these parts only (see tests/bench/bench.sh), and writes no file of the tree.
bench:
	sh src/tools/packages.sh bench install
	$(MAKE) --no-print-directory $(BENCH_PROGRAMS)
	sh tests/bench/bench.sh $(abspath $(BUILD)) $(PARTS)

## bench-quick: the same in less than a minute, for a few targets, with a margin; .ci/run does it
bench-quick:
	sh src/tools/packages.sh bench install
	$(MAKE) --no-print-directory $(BENCH_PROGRAMS)
	sh tests/bench/bench.sh $(abspath $(BUILD)) quick

## figures: compare the figures in the README with those of the last bench, tests/bench/bench.json
figures:
	sh tests/bench/figures.sh

$(filter-out $(BUILD)/lookups,$(BENCH_TOOLS)): $(BUILD)/%: tests/bench/%.c Makefile | $(BUILD)/packages
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARY_LIBS)

# The cost of a lookup, with the program's own code; see the file.
$(BUILD)/lookups: tests/bench/lookups.c $(ROOMS) Makefile
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(ROOMS) $(LIBRARY_LIBS)

## bench-rebuild: measure a rebuild of one day and of BENCH_DAYS (5) days
BENCH_DAYS = 5
bench-rebuild: $(BUILD)/uptick $(BUILD)/records $(BUILD)/measure
	sh tests/bench/rebuild.sh $(abspath $(BUILD)) $(BENCH_DAYS)

## coverage: write the lines and branches that the tests reach to tests/COVERAGE.md
# The counting needs memory, so a test of low memory may fail here; its output is shown.
coverage: $(BUILD)/launch
	sh src/tools/packages.sh coverage install
	MEASURED=$(BUILD)/coverage UNCONFINED="$(BUILD)/launch -e 38" REPORT=tests/COVERAGE.md \
		sh tests/coverage/coverage.sh

## mutation: write the small mistakes that no unit test notices to tests/MUTATION.md
# FILES="src/model/scheduler.c ..." mutates these files only, and keeps the results of the others.
# AGAIN=1 tries only the mutants that survived last time: enough if tests were only added.
# ALL=1 tries all mutants of a file, not a sample.
mutation: $(BUILD)/mutate $(ROOMS)
	BUILD=$(BUILD) AGAIN=$(AGAIN) SAMPLE=$(if $(ALL),0,25) REPORT=tests/MUTATION.md \
		COMPILE='$(CC) $(filter-out $(WARNINGS) -DUPTICK_VERSION%,$(ALL_CFLAGS)) -DUPTICK_VERSION="$(VERSION)" -O1 -g0 -w' \
		LINK='$(CC) -pthread -Wl,--as-needed $(LDFLAGS)' WRAPPED='$(WRAPPED)' LIBRARIES='$(LIBRARY_LIBS) -lcmocka' \
		sh tests/mutation/mutation.sh $(FILES)

$(BUILD)/mutate: tests/mutation/mutate.c Makefile | $(BUILD)/packages
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(STD) $(WARNINGS) -O1 -g -o $@ $<

# The mutator itself: it makes the expected mutants of a small file.
mutate-example: $(BUILD)/mutate
	$(BUILD)/mutate tests/mutation/example.c | diff tests/mutation/example.expected -
	@echo "mutate: the mutants of the example are as expected"
