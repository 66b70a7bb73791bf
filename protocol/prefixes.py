"""By which our own codes are told: what a member carries, what his phone shows, what pairs a till."""

MEMBER_PREFIX = "M1"
DYNAMIC_PREFIX = "D1:"
AUTHORISATION_PREFIX = "A1:"
ENROLMENT_PREFIX = "E1"
