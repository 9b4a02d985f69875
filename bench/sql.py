"""Full detection as SQL that both DuckDB and PostgreSQL understand, in parts that can be combined."""

# Offers that may meet at all; last days are exclusive.
MEET = "a.department <> b.department AND a.starts < b.ends AND b.starts < a.ends"

# Shared products by spelling out categories.
PRODUCTS = f"""
targets AS (
    SELECT offer, product FROM named UNION ALL
    SELECT w.offer, p.product FROM whole w JOIN products p ON p.category = w.category
    WHERE NOT EXISTS (SELECT 1 FROM left_out l WHERE l.offer = w.offer AND l.product = p.product)),
dated AS (SELECT t.product, o.* FROM targets t JOIN offers o ON o.offer = t.offer),
counted AS (
    SELECT a.offer AS one, b.offer AS two, count(*) AS products
    FROM dated a JOIN dated b ON a.product = b.product AND a.offer < b.offer AND {MEET}
    GROUP BY a.offer, b.offer)"""

# The same from the product's postings, categories never spelled out.
_MATCHES = " UNION ALL ".join(
    f"""SELECT least(a.offer, b.offer) AS one, greatest(a.offer, b.offer) AS two, {weight} AS n
    FROM postings a JOIN postings b ON a.key = b.key AND a.offer {order} b.offer AND {MEET}
    WHERE a.kind = {mine} AND b.kind = {theirs}"""
    for mine, theirs, order, weight in (
        (0, 0, "<", "a.weight * b.weight"),
        (1, 1, "<", "a.weight"),
        (2, 1, "<>", "a.weight"),
    )
)
POSTINGS = f"""
matched AS ({_MATCHES}),
counted AS (SELECT one, two, sum(n) AS products FROM matched GROUP BY one, two HAVING sum(n) > 0)"""

# Shared customers of any two segments, each pair once.
MEMBERS = """
pairs AS (
    SELECT a.segment AS low, b.segment AS high, count(*) AS shared
    FROM members a JOIN members b ON a.customer = b.customer AND a.segment < b.segment
    GROUP BY a.segment, b.segment)"""
# The same with one number for both segments.
NUMBERED = """
numbered AS (
    SELECT a.segment::INTEGER * 2048 + b.segment AS place, count(*) AS shared
    FROM members a JOIN members b ON a.customer = b.customer AND a.segment < b.segment
    GROUP BY a.segment::INTEGER * 2048 + b.segment),
pairs AS (SELECT place >> 11 AS low, place & 2047 AS high, shared FROM numbered)"""
# Only the pairs that some two offers need, from rows or from segments stored as strings of bits.
_NEEDED = """
needed AS (
    SELECT DISTINCT least(a.audience, b.audience) AS low, greatest(a.audience, b.audience) AS high
    FROM counted JOIN offers a ON a.offer = one JOIN offers b ON b.offer = two
    WHERE a.audience <> b.audience AND a.audience > 0 AND b.audience > 0
        AND (a.channels = 0 OR b.channels = 0 OR a.channels & b.channels <> 0)),"""
NEEDED = f"""{_NEEDED}
pairs AS (
    SELECT low, high, count(*) AS shared FROM needed
    JOIN members a ON a.segment = low JOIN members b ON b.segment = high AND a.customer = b.customer
    GROUP BY low, high)"""
BITS = f"""{_NEEDED}
pairs AS (
    SELECT low, high, bit_count(a.bits & b.bits) AS shared FROM needed
    JOIN bits a ON a.segment = low JOIN bits b ON b.segment = high)"""

_RESULT = """
found AS (
    SELECT one, two, greatest(a.starts, b.starts) AS starts, least(a.ends, b.ends) AS ends, products,
        CASE WHEN a.audience = 0 THEN sb.size WHEN b.audience IN (0, a.audience) THEN sa.size
            ELSE shared END AS customers
    FROM counted
    JOIN offers a ON a.offer = one JOIN offers b ON b.offer = two
    JOIN sizes sa ON sa.segment = a.audience JOIN sizes sb ON sb.segment = b.audience
    LEFT JOIN pairs ON low = least(a.audience, b.audience) AND high = greatest(a.audience, b.audience)
    WHERE a.channels = 0 OR b.channels = 0 OR a.channels & b.channels <> 0)
SELECT one, two, starts, ends, products::BIGINT AS products, customers FROM found WHERE customers > 0"""

# The first ones suit DuckDB, the last ones PostgreSQL.
FULL = {
    "postings, members": (POSTINGS, MEMBERS),
    "postings, members numbered": (POSTINGS, NUMBERED),
    "products, members": (PRODUCTS, MEMBERS),
    "postings, needed members": (POSTINGS, NEEDED),
    "postings, needed strings of bits": (POSTINGS, BITS),
}
KEPT = {"postings": (POSTINGS,), "products": (PRODUCTS,)}


def statement(parts: tuple[str, ...]) -> str:
    return f"WITH {', '.join([*parts, _RESULT.strip()])}"
