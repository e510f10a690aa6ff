# The dashboard in a real browser: all of it, or the part that `make check` has time for.
.PHONY: browser browser-quick

BROWSER_ENVIRONMENT = UPTICK=$(abspath $(BUILD)/uptick) MOVED_CLOCK_LIBRARY=$(abspath $(BUILD)/moved_clock.so) \
	BROWSER_MODULES=$(abspath $(BUILD)/browser) SCREENSHOTS=$(abspath $(BUILD)/screenshots)

browser: $(BUILD)/uptick $(BUILD)/moved_clock.so
	$(BROWSER_ENVIRONMENT) sh tests/browser/browser.sh

browser-quick: $(BUILD)/uptick $(BUILD)/moved_clock.so
	$(BROWSER_ENVIRONMENT) sh tests/browser/browser.sh quick
