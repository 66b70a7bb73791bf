"""Questions and small forms above a screen. None has a default button that a scanner's Enter could press."""
