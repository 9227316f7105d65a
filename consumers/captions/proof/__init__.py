"""What makes an alteration show: trees over the evidence and over the ledger, signed checkpoints, and who checks them.

Trees are those of RFC 9162, section 2.1, with SHA-256; checkpoints those of C2SP (tlog-checkpoint, signed-note) with
Ed25519. Checking needs the public key alone. FORMAT.md tells a stranger how to do it without us.
"""
