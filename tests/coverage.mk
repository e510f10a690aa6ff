# Coverage: which lines and branches of the program its tests reach.

MEASURED = $(BUILD)/coverage

.PHONY: coverage

# Packages may have come since this Makefile was read, so the rest is for another make. A test that
# fails here may fail for want of the memory that the counting takes; what it says is shown.
coverage: $(BUILD)/launch
	sh src/tools/packages.sh coverage install
	MEASURED=$(MEASURED) UNCONFINED="$(BUILD)/launch -e 38" REPORT=tests/COVERAGE.md \
		sh tests/coverage/coverage.sh
