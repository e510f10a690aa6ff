# What code of a stranger can do within a tick, and how the program is built.

.PHONY: security threats hardening

# The quick part of make check; the rest are e2e tests.
security: threats hardening

threats:
	sh tests/threats.sh

# As moved_clock.so: made without the program's sanitizers, so that it can go before them.
$(BUILD)/intruder.so: tests/confine/intruder.c Makefile | $(BUILD)/packages
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(STD) $(WARNINGS) -O1 -fPIC -shared -pthread -o $@ $< -ldl

$(BUILD)/launch: tests/confine/launch.c Makefile | $(BUILD)/packages
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(STD) $(WARNINGS) -O1 -o $@ $<

CONFINE_RUNS := $(addprefix $(BUILD)/e2e/,test_confine.run test_planted.run)
$(CONFINE_RUNS): $(BUILD)/intruder.so $(BUILD)/launch
$(CONFINE_RUNS): export INTRUDER = $(abspath $(BUILD)/intruder.so)
$(CONFINE_RUNS): export LAUNCH = $(abspath $(BUILD)/launch)

# Flags of somebody's own are his own to judge, and sanitizers want other ones.
hardening: $(BUILD)/uptick
ifeq ($(origin CFLAGS)$(origin HARDENING),filefile)
	CC='$(CC)' sh tests/hardening.sh $(abspath $(BUILD)/uptick)
else
	echo "hardening: skipped: not the Makefile's own flags"
endif
