"""The severity of a pair, computed by other means than the product does: exact fractions, no roots."""

from fractions import Fraction


def level_of(shared_products, products, shared_customers, customers, shared_days, days):
    """`products`, `customers` and `days` are the pair of sizes of the two offers.

    score = 15 + 30 p + 20 (t p au)^(1/3), each coefficient the shared part of the smaller side, rounded half up.
    """
    p = Fraction(shared_products, min(products))
    cube = p * Fraction(shared_customers, min(customers)) * Fraction(shared_days, min(days))
    # The largest whole score with score - 1/2 <= 15 + 30 p + 20 cube^(1/3), compared as third powers.
    score = max(
        whole
        for whole in range(101)
        if (missing := (whole - Fraction(1, 2) - 15 - 30 * p) / 20) <= 0 or missing**3 <= cube
    )
    return "critical" if score >= 80 else "high" if score >= 60 else "medium" if score >= 40 else "low"
