"""Hands pytest the plugin that collects scenes, and the one that never lets an interrupt pass."""

pytest_plugins = ["harness.plugin", "harness.report.pytest_interrupts"]
