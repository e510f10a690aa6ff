# Fuzzing: what reads bytes that others wrote, with libFuzzer and sanitizers; and the inputs that it
# found, which every `make check` runs again.
# FUZZ_RUNS executions of each target or FUZZ_SECONDS, whichever is over first; FUZZ_JOBS at once;
# FUZZ="csv_read url" names some of the targets.

FUZZ_RUNS = 10000000
FUZZ_SECONDS = 1200
FUZZ_JOBS = 2
# The longest input of a target: as short as it can be and still reach everything, since that is what
# a second's executions hang on.
FUZZ_LENGTH = 512
FUZZ_LENGTH_config = 2048
FUZZ_LENGTH_certificate = 1024
FUZZ_LENGTH_csv_read = 1400
FUZZ_LENGTH_csv_write = 700
FUZZ_LENGTH_template = 768
FUZZ := $(sort $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_BUILD = $(BUILD)/fuzz
FUZZ_CHECKS = address,undefined

REPLAYS := $(FUZZ:%=$(BUILD)/replay/fuzz_%)

.PHONY: fuzz fuzz-merge replay

$(BUILD)/replay/%: tests/fuzz/%.c tests/fuzz/replay.c tests/fuzz/fuzz.h $(ROOMS) Makefile
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests/fuzz $(LDFLAGS) -o $@ $< tests/fuzz/replay.c $(ROOMS) $(LIBRARY_LIBS)

$(BUILD)/replay/fuzz_%.run: $(BUILD)/replay/fuzz_% FORCE
	$< tests/corpus/$* > $@ 2>&1 || { cat $@; exit 1; }
	sed -n 's/^\[  PASSED  \] /fuzz_$*: passed /p' $@

replay: $(REPLAYS:=.run)

# The program's objects once more, made for libFuzzer, in a folder of their own.
FUZZ_MAKE = $(MAKE) --no-print-directory BUILD=$(FUZZ_BUILD) CC=clang \
	CFLAGS='-O2 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,$(FUZZ_CHECKS) -fno-sanitize-recover=all' \
	LDFLAGS='-fsanitize=$(FUZZ_CHECKS)'

$(BUILD)/target/%: tests/fuzz/%.c tests/fuzz/fuzz.h $(ROOMS) Makefile
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests/fuzz $(LDFLAGS) -fsanitize=fuzzer -o $@ $< $(ROOMS) $(LIBRARY_LIBS)

# What is found goes to the build folder first; what the corpus already covers is only read.
fuzz:
	sh src/tools/packages.sh fuzz install
	+$(FUZZ_MAKE) $(FUZZ:%=$(FUZZ_BUILD)/target/fuzz_%)
	$(MAKE) --no-print-directory --keep-going -j$(FUZZ_JOBS) $(FUZZ:%=fuzz-run-%)
	sh tests/fuzz/figures.sh $(FUZZ_BUILD) $(FUZZ)

fuzz-run-%: FORCE
	sh tests/fuzz/run.sh $(FUZZ_BUILD) $* -runs=$(FUZZ_RUNS) -max_total_time=$(FUZZ_SECONDS) \
		-max_len=$(or $(FUZZ_LENGTH_$*),$(FUZZ_LENGTH))

# Adds to the corpus what covers more than it does.
fuzz-merge:
	+$(FUZZ_MAKE) $(FUZZ:%=$(FUZZ_BUILD)/target/fuzz_%)
	for target in $(FUZZ); do \
		$(FUZZ_BUILD)/target/fuzz_$$target -merge=1 -max_len=$(FUZZ_LENGTH) \
			tests/corpus/$$target $(FUZZ_BUILD)/found/$$target 2>&1 | grep MERGE-OUTER | tail -1; \
	done
