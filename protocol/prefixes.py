"""By which our own codes are told: what a member carries, what his phone shows, what a voucher is, what pairs a till, what a
technician brings along, and what a receipt without a member gives."""

MEMBER_PREFIX = "M1"
DYNAMIC_PREFIX = "D1:"
AUTHORISATION_PREFIX = "A1:"
VOUCHER_PREFIX = "V1:"
ISSUED_VOUCHER_PREFIX = "T1:"
ENROLMENT_PREFIX = "E1"
TECHNICIAN_PREFIX = "C1:"
RECEIPT_PREFIX = "W1"
TEMPLATE_PREFIX = "S1:"
CLAIM_PREFIX = "K1:"
