# What code of a stranger can do within a tick, and how the program is built.

.PHONY: hardening

# As moved_clock.so: made without the program's sanitizers, so that it can go before them.
$(BUILD)/intruder.so: tests/confine/intruder.c Makefile | $(BUILD)/packages
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(STD) $(WARNINGS) -O1 -fPIC -shared -pthread -o $@ $< -ldl

$(BUILD)/launch: tests/confine/launch.c Makefile | $(BUILD)/packages
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(STD) $(WARNINGS) -O1 -o $@ $<

$(BUILD)/e2e/test_confine.run: $(BUILD)/intruder.so $(BUILD)/launch
$(BUILD)/e2e/test_confine.run: export INTRUDER = $(abspath $(BUILD)/intruder.so)
$(BUILD)/e2e/test_confine.run: export LAUNCH = $(abspath $(BUILD)/launch)

# Flags of somebody's own are his own to judge, and sanitizers want other ones.
hardening: $(BUILD)/uptick
ifeq ($(origin CFLAGS)$(origin HARDENING),filefile)
	CC='$(CC)' sh tests/hardening.sh $(abspath $(BUILD)/uptick)
else
	echo "hardening: skipped: not the Makefile's own flags"
endif
