# Mutation: whether the unit tests of the pure rooms notice small mistakes in them.

.PHONY: mutation mutate-example

$(BUILD)/mutate: tests/mutation/mutate.c Makefile
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(STD) $(WARNINGS) -O1 -g -o $@ $<

# FILES="src/model/scheduler.c ..." looks at these alone, and keeps what is known of the others; AGAIN=1 leaves
# those alone that were killed last time, for when tests were added and none was taken away; ALL=1 looks at
# all mutants of a file, not at a sample.
mutation: $(BUILD)/mutate $(ROOMS)
	BUILD=$(BUILD) AGAIN=$(AGAIN) SAMPLE=$(if $(ALL),0,25) REPORT=tests/MUTATION.md \
		COMPILE='$(CC) $(filter-out $(WARNINGS) -DUPTICK%,$(ALL_CFLAGS)) -O1 -g0 -w' \
		LINK='$(CC) -pthread -Wl,--as-needed $(LDFLAGS)' WRAPPED='$(WRAPPED)' LIBRARIES='$(LIBRARY_LIBS) -lcmocka' \
		sh tests/mutation/mutation.sh $(FILES)

# The mutants of a small source are those that one expects.
mutate-example: $(BUILD)/mutate
	$(BUILD)/mutate tests/mutation/example.c | diff tests/mutation/example.expected -
	@echo "mutate: the mutants of the example are as expected"
