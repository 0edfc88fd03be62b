"""Small wrong changes to every contract, and whether any test notices.

    mutants    what universalmutator makes of a source
    bench      a contract compiled again and again, with another mutant in it each time
    campaign   each mutant against the tests that are likeliest to notice it

`python -m tests.mutation.campaign --help` runs it; survivors.yaml says why the ones that no test
notices are equivalent or harmless.
"""
