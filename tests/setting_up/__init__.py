"""Setting up tills: sticks, upgrades, Windows."""
