# Everyday commands; each is plain cargo underneath.

# The whole gate, as on a fresh machine.
gate:
    .ci/run

# The wizard against the practice internet.
practice:
    cargo run --release -- --practice

# The pages of all findings.
findings:
    cargo run --package mta-sts-core --example findings > docs/findings.new && mv docs/findings.new docs/findings.md

# The pictures in screenshots/.
screenshots:
    cargo run --example screenshots

# Speed.
bench:
    cargo bench --workspace
