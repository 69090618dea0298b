"""The words in which performance is commented on: that it rose, is worse than last year, is below target, is green.

Patterns of what may stand in a clause, and of what says that it holds for something else. Groups are named after what
is claimed, `not` is a denial, `one` and `many` are the verb's number, `told` needs months that it is over, `past` is
what may have changed again, and `much` a degree, which alone may be denied.
"""

import re

from cpa_xl.periods import NAMES, SHORT

# Who ----------------------------------------------------------------------------------------------------------------

PERFORMANCE = "performance"
MEASURE = (
    "this measure",
    "the measure",
    "this indicator",
    "the indicator",
    "performance against this measure",
    "performance on this measure",
)
RATED = ("status", "rag", "rag status", "rag rating", "the rag", "the rag status", "the rag rating")
ARTICLE = r"(?:(?:the|our|overall|current|latest|total|recorded|force|mps)\s+)*"
NUMBER = r"(?P<number>(?:the\s+)?(?:total\s+|overall\s+)?(?:numbers?|(?:numbers?|volumes?|levels?)\s+of)\s+)?"

# What ---------------------------------------------------------------------------------------------------------------

_DEGREE = (
    r"(?:consistently|slightly|marginally|just|well|only|significantly|further|substantially|considerably|markedly|"
    r"sharply|steadily|much|far|overall|comfortably|narrowly|continually)"
)
_ADVERB = rf"(?:(?:also|now|again|still|already|currently|{_DEGREE})\s+)*"
_SIZE = (
    r"(?:an?\s+)?(?:(?:slight|small|marginal|significant|substantial|large|sharp|steady|further|continued|overall|marked)"
    r"\s+)*"
)
_MUCH = r"(?:\s+(?P<much>slightly|significantly|substantially|sharply|steadily|considerably|markedly|further|again))?"
_NOT = rf"(?:(?P<not>not|no\s+longer)\s+(?!{_DEGREE}\b))?"  # "not far off" denies the degree
_IS = r"(?:(?P<one>is|remains|continues\s+to\s+be|stays|stands)|(?P<many>are|remain|continue\s+to\s+be|stay|stand))\s+"
_HAS = r"(?:(?P<one>has)|(?P<many>have))\s+"


def _either(**words: str) -> str:
    """One of several meanings, each a group of that name."""
    return "(?:" + "|".join(rf"(?P<{says}>{forms})" for says, forms in words.items()) + r")\b"


_DONE = _either(
    up=r"increased|risen|grown|gone\s+up|climbed|jumped|widened",
    down=r"decreased|fallen|reduced|been\s+reduced|dropped|declined|gone\s+down|narrowed",
    better=r"improved|got\s+better",
    worse=r"worsened|deteriorated|got\s+worse",
)
_DID = _either(
    up=r"increased|rose|grew|went\s+up|widened",
    down=r"decreased|fell|reduced|dropped|declined|went\s+down|narrowed",
    better="improved",
    worse="worsened|deteriorated",
)
_DO = _either(
    up="increase|rise|grow|climb|widen",
    down="decrease|fall|reduce|drop|decline|narrow",
    better="improve",
    worse="worsen|deteriorate",
)
_STATE = _either(
    up=r"up|rising|increasing|growing|on\s+the\s+(?:rise|increase)|higher|wider",
    down=r"down|falling|decreasing|reducing|declining|on\s+the\s+decrease|lower|fewer|narrower",
    better=r"better|improving|getting\s+better",
    worse=r"worse|worsening|deteriorating|getting\s+worse",
    same=r"unchanged|at\s+the\s+same\s+level|the\s+same|no\s+different",
)
_CHANGE = _either(
    up="increase|rise|growth",
    down="decrease|reduction|fall|drop|decline",
    better="improvement",
    worse="deterioration|worsening",
    same=r"no\s+change",
)
_SIDE = _either(
    missed=r"short\s+of|off|worse\s+than|missing|failing\s+to\s+meet|not\s+meeting|behind",
    met=r"on|within|in\s+line\s+with|better\s+than|meeting|achieving|exceeding|hitting|ahead\s+of",
    below=r"below|under|lower\s+than",
    above=r"above|over|higher\s+than",
)
_REACHED = _either(
    met="met|exceeded|achieved|reached|hit|meets?|exceeds?|achieves?",
    missed=r"missed|misses|miss|fail(?:s|ed)?\s+to\s+meet",
)
_LETTER = _either(green="green", amber="amber", red="red")
TARGET = r"\s+(?:(?:the|our|its|the\s+annual|this\s+year['’]s)\s+)?(?:{year}\s+)?target(?:\s+(?:level|figure))?\b"
_AMOUNT = r"(?:,?\s+(?:at|with|by)\s+£?[\d.,]*\d\s?(?:%|pp|per\s+cent|percentage\s+points|a\s+month)?)?"
_LINKED = r"\s*(?::|\s[-–—])\s+"
BEHIND = (  # what follows a subject
    rf"\s+{_HAS}{_ADVERB}{_NOT}{_ADVERB}{_DONE}{_MUCH}",
    rf"\s+(?P<told>had)\s+{_ADVERB}{_DONE}{_MUCH}",
    r"\s+(?P<told>was|were)\s+(?P<down>reduced)\b",
    rf"\s+{_ADVERB}(?P<told>){_DID}{_MUCH}",
    rf"\s+{_IS}{_ADVERB}{_NOT}{_ADVERB}{_STATE}",
    rf"{_LINKED}{_ADVERB}{_STATE}",
    rf"\s+(?:(?P<one>continues)|(?P<many>continue))\s+to\s+{_ADVERB}{_DO}{_MUCH}",
    rf"\s+(?:(?P<one>shows|has\s+(?:shown|seen))|(?P<many>show|have\s+(?:shown|seen)))\s+{_SIZE}{_CHANGE}",
    rf"\s+{_IS}{_ADVERB}{_NOT}{_ADVERB}{_SIDE}{{target}}{_AMOUNT}",
    rf"\s+(?P<past>){_HAS}{_ADVERB}{_NOT}been\s+{_ADVERB}{_SIDE}{{target}}{_AMOUNT}",
    rf"{_LINKED}{_ADVERB}{_SIDE}{{target}}{_AMOUNT}",
    rf"\s+(?P<past>)(?:{_HAS})?{_ADVERB}{_NOT}{_REACHED}{{target}}",
    rf"\s+{_IS}{_ADVERB}{_NOT}{_ADVERB}(?:(?:rated|graded|assessed|shown|reported)\s+)?(?:(?:as|at|in|on)\s+)?{_LETTER}",
    rf"\s+(?P<past>)(?:{_HAS})?{_ADVERB}(?:moved|turned|gone|changed|improved|slipped|dropped|fallen|returned)\s+"
    rf"(?:from\s+(?:green|amber|red)\s+)?to\s+{_LETTER}",
    rf"(?:{_LINKED}|\s+)(?:now\s+)?{_LETTER}",
)
FURTHER = (rf"\s+{_ADVERB}{_NOT}{_SIDE}{{target}}{_AMOUNT}",)  # what follows an "and" behind that
BEFORE = (  # what leads to a subject at the end
    rf"(?:there\s+(?:is|are|has\s+been|have\s+been)|we\s+have\s+seen)\s+{_SIZE}{_CHANGE}\s+in\s+",
    rf"(?:there\s+(?:were|are|have\s+been)\s+)?(?P<told>){_ADVERB}(?:(?P<down>fewer|less)|(?P<up>more))\s+",
)
ALONE = (  # a sentence without a subject
    rf"(?:(?:is|remains?|still|now|currently|continues\s+to\s+be)\s+)*{_ADVERB}{_NOT}{_SIDE}{{target}}{_AMOUNT}",
    rf"(?:(?:is|remains?|still|now|currently|rated|graded)\s+)?{_ADVERB}{_NOT}{_LETTER}"
    r"(?!,?\s+(?:(?:and|but|then|now|currently|is)\s+)*(?:green|amber|red)\b)",
    rf"(?:(?:is|remains?|has|still|now|currently)\s+)?{_ADVERB}(?P<told>)(?:{_STATE})",
    r"(?P<same>no\s+change)\b",
)

# Against what -------------------------------------------------------------------------------------------------------

TWELVE = r"(?:12|twelve)\s+months"
_SAME_MONTHS = r"(?:same\s+(?:period|time|months|point|position|stage)\s+(?:(?:of|in)\s+)?)"
_LAST_YEAR = (
    rf"(?:the\s+)?{_SAME_MONTHS}?(?:the\s+)?(?:(?:last|previous|prior|preceding)\s+(?:financial\s+|rolling\s+)?year|"
    rf"year\s+before|previous\s+{TWELVE}|(?:a\s+year|{TWELVE})\s+(?:ago|earlier|before)|{{before}})(?:['’]s)?"
    r"(?:\s+(?:levels?|figures?|performance|total|rate|(?:monthly\s+)?average|position|results?))?"
)
_AGAINST = (
    r"(?:(?:when\s+)?compared\s+(?:to|with|against)|(?:in|by)\s+comparison\s+(?:to|with)|relative\s+to|than|on|from|against|over|"
    r"versus|vs?|as|since)(?:\s+(?:in|that\s+(?:of|in)))?"
)
_RY, _YTD = (
    r"(?:the\s+)?(?:rolling\s+year|rolling\s+12\s+months|RY)",
    r"(?:the\s+)?(?:(?:financial\s+)?year\s+to\s+date|F?YTD)",
)
_OVER = r"(?:over|in|during|for|across)"
TAIL = (
    rf"(?:(?P<both>{_OVER}\s+(?:both\s+)?{_RY}\s+and\s+{_YTD})|(?P<rolling_year>{_OVER}\s+{_RY})|"
    rf"(?P<to_date>(?:{_OVER}\s+)?{_YTD}|so\s+far\s+this\s+year|this\s+financial\s+year)|"
    rf"(?P<last_year>year[\s-]on[\s-]year|this\s+year|{_OVER}\s+the\s+(?:last|past)\s+(?:year|{TWELVE})|{_AGAINST}\s+{_LAST_YEAR}))"
)
LEAD = re.compile(
    r"(?:however|overall|nevertheless|nonetheless|therefore|consequently|also|encouragingly|disappointingly|unfortunately|"
    r"pleasingly|as\s+a\s+result|in\s+summary)\b,?\s*",
    re.IGNORECASE,
)

# Nothing else -------------------------------------------------------------------------------------------------------

_ONLY = (
    r"only|mainly|mostly|particularly|especially|notably|chiefly|largely|partly|in|at|for|among|amongst|within|across|"
    r"except|excluding|apart|other|on|by|during|if|unless|provided|when|where|until|as\s+(?:at|of)|not|with\s+(?:the\s+exception|regard|respect|reference)"
)
END = re.compile(
    r"\s*(?:$|[.;!]|(?=[,:]\s|\s[-–—]\s|\s(?:and|but|although|though|while|whilst|yet|however|despite|because|due\s+to|"
    r"owing\s+to|following|reflecting|so)\b)"
    rf"(?!(?:[,:]|\s[-–—])?\s*(?:(?:and|but|although|though|yet|so)\s+)?(?:{_ONLY})\b))",
    re.IGNORECASE,
)
LATER = re.compile(  # what was, and is no more
    r"\b(?:now|then|since|until|back|again|subsequently|recover\w*|return\w*|revert\w*)\b", re.IGNORECASE
)
LISTED = re.compile(  # what "Red: robbery" heads; "Red: see page 3" heads nothing
    r"\s*[:–—-]\s+(?!see\b)(?P<rest>.*)", re.IGNORECASE
)
START = re.compile(r"^|[,;:]\s+|\s[-–—]\s+|\s(?:and|but|although|though|while|whilst|yet|however)\s+", re.IGNORECASE)
VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|remains?|continues?|fell|rose|increased|reduced|improved|dropped)\b",
    re.IGNORECASE,
)
ROW = re.compile(  # what is said of the row itself, and changes no subject
    r"\b(?:target|data|figures?|provisional|proxy|baseline|paragraphs?|covering report|separate report)\b",
    re.IGNORECASE,
)
PLACE = re.compile(
    r"\b(?:boroughs?|b?ocus?|divisions?|districts?|wards?|areas?|regions?|sectors?|neighbourhoods?|nationally|national|"
    r"forces|peers?|pilots?|elsewhere)\b",
    re.IGNORECASE,
)
TIME = re.compile(
    r"\b(?:quarters?|q[1-4]|months?|weeks?|weekends?|days?|spring|summer|autumn|winter|christmas|"
    rf"{'|'.join((*NAMES, *SHORT))}|(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
NOT_SO = re.compile(  # conditions, aims, what is to come, what others say
    r"\b(?:will|would|should|could|may|might|must|can|cannot|shall|if|unless|whether|until|once|when|where|that|which|who|"
    r"expect\w*|forecast\w*|predict\w*|project\w*|anticipat\w*|likely|unlikely|aim\w*|hope\w*|plan|plans|planned|intend\w*|"
    r"want\w*|need\w*|require\w*|propos\w*|historically|previously|formerly|perceptions?|fear|perceived|said|says|"
    r"suggest\w*|risk\w*|why|how)\b|"
    r"(?<!continue )(?<!continues )\bto\s+(?:be|reduce|increase|improve|ensure|make|keep|bring|get)\b",
    re.IGNORECASE,
)
SCOPE = re.compile(
    r"\s*(?:in|at|for|among|amongst|within|across|during|since|under|of|from|between|after|before|outside|on|by|over|with|"
    r"without|excluding|except)\b",
    re.IGNORECASE,
)
BRACKETS = re.compile(r"\s*[\[(](?:[^\])A-Za-z]|pp|offences|fewer|more|a month|YTD|RY){0,80}[\])]")
SHORTENED = re.compile(r"\b(res|approx|incl|v|vs)\.", re.IGNORECASE)
AND = re.compile(r",?\s+(?:and|but|yet)(?=\s)", re.IGNORECASE)
SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
