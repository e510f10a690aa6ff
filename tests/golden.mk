# The pages of a fixed history, as they were when somebody last looked at them.

.PHONY: golden golden-compare

# Keeps those that the program makes now: look at what git then says has changed.
golden: $(BUILD)/uptick
	sh tests/golden/golden.sh $(abspath $(BUILD)/uptick) write

golden-compare: $(BUILD)/uptick
	sh tests/golden/golden.sh $(abspath $(BUILD)/uptick)
