"""The desk: what stands and stood, silences and acknowledgements; in this process, and over HTTP for others."""
