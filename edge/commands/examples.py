"""One example for each command, at the end of its help."""

EXAMPLES = {
    "init": "antirelou init edge.toml",
    "check": "antirelou check edge.toml",
    "doctor": "antirelou doctor edge.toml",
    "try": "antirelou try edge.toml --from +33639980001 --text STOP",
    "explain": "antirelou explain edge.toml",
    "serve": "antirelou serve edge.toml",
    "reload": "antirelou reload edge.toml",
    "status": "antirelou status edge.toml --json",
    "pause": "antirelou pause edge.toml --for 1h",
    "resume": "antirelou resume edge.toml",
    "number": "antirelou number edge.toml detach --for 1h",
    "alert": "antirelou alert edge.toml --test",
    "export": "antirelou export edge.toml",
    "reconcile": "antirelou reconcile edge.toml --api --since 2026-11-01 --until 2026-11-30",
    "create-ledger": "antirelou create-ledger edge.toml",
    "adopt-ledger": "antirelou adopt-ledger edge.toml",
    "simulate": "antirelou simulate edge.toml traces/",
    "demo": "antirelou demo",
}


def example_of(name: str | None) -> str | None:
    """Return the end of a command's help, on lines of its own; None where there is no example."""
    example = EXAMPLES.get(name or "")
    return f"\b\nExample:\n  {example}" if example else None
