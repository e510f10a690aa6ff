# What is run once more under sanitizers (.ci/run): all tests of the code but those below. What these
# are about is the order of calls on files and what of them a kill, a power cut, a full disk or many days leave: the
# same calls with sanitizers as without, which the first run has seen. Nor are there
# documents, pages and sources once more, which are the same too.
ORDER_OF_CALLS = unit/test_crash e2e/test_crash_sweep e2e/test_powercut e2e/test_disk_model e2e/test_disk \
	e2e/test_torture e2e/test_torture_memory e2e/test_broken_state e2e/test_kills e2e/test_minute longlife
# The same of records that lie for days and are packed, spoiled or made anew: some minutes of ticks, whose
# rooms test_journal, test_codec, test_records and test_faults_* go through under sanitizers.
LONG_RECORDS = e2e/test_spoiled e2e/test_archives e2e/test_records e2e/test_transitions e2e/test_local_faults

.PHONY: check-again tests-again

CHECKED_AGAIN = $(filter-out $(addprefix $(BUILD)/,$(ORDER_OF_CALLS) $(LONG_RECORDS)),$(E2E_TESTS) $(UNIT_TESTS)) $(REPLAYS)

check-again: packages
	$(MAKE) --no-print-directory tests-again
	$(MAKE) --no-print-directory --output-sync=target --keep-going $(CHECKED_AGAIN:=.run)

tests-again: $(BUILD)/uptick $(BUILD)/awkward $(CHECKED_AGAIN)
