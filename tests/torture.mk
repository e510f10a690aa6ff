# Every file call and every allocation of a run fails; in full. `make check` runs a part.

# Goes before the program's own libraries. A program with sanitizers has an allocator of its own.
$(BUILD)/failing_memory.so: tests/faults/failing_memory.c Makefile
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(STD) $(WARNINGS) -O1 -fPIC -shared -o $@ $<

ifeq ($(findstring sanitize,$(CFLAGS)),)
E2E_ENVIRONMENT += FAILING_MEMORY_LIBRARY=$(abspath $(BUILD)/failing_memory.so)
$(BUILD)/e2e/test_torture_memory.run torture: $(BUILD)/failing_memory.so
endif

.PHONY: torture

torture: packages
	$(MAKE) --no-print-directory tests
	$(SWEEP) $(BUILD)/e2e/test_torture
	$(SWEEP) $(BUILD)/e2e/test_torture_memory
