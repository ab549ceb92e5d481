"""`ask`, `answer`, `questions`."""

from __future__ import annotations

from gittracker.cli import writes
from gittracker.cli.flags import LIST_FORM, Arg, Command, Flag, body_flags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.write.writing import Held, Writing

_COLUMNS = ("slug", "number", "by", "at", "body")


def _ask(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import questions
    questions.ask(writing, args["ticket"], args["body_text"] or "")
    return []


def _answer(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import questions
    questions.answer(writing, args["ticket"], args["comment"], args["body_text"] or "")
    return []


def _questions(cli: Cli, args: Args) -> int:
    from gittracker.cli import formats
    from gittracker.cli.output import one_line
    from gittracker.services import listing, questions, views
    text = " ".join(part for part in (*args["query"], args["filter"]) if part)
    found = questions.listed(cli.tracker, listing.read(text, everything=args["all"]))
    rows = [views.question(row, one) for row, one in found] if cli.form else []
    if cli.out.as_json:
        cli.out.json({"questions": rows, "total": len(rows)})
        return 0
    if formats.rows(cli, args, _COLUMNS, rows):
        return 0
    for row, one in found:
        cli.out.row(f"{row.ticket.slug} #{one.number}  {one.comment.by or 'unknown'} "
                    f"{one.comment.at[:16].replace('T', ' ')}  {one_line(one.comment.body)}")
    if not found:
        cli.out.line(cli.out.paint("no open questions", "dim"))
    return 0


_TICKET = Arg("ticket", "slug, ref, alias or a unique prefix")
ASK = Command(
    "ask", "Ask something that a ticket waits for: it is not ready until somebody answers.", (_TICKET,), body_flags(),
    ("ask OW-1 --body 'Which port should it listen on?'", "ask OW-1 --body-file question.md --as bot:codex-1"),
    act=_ask, prepare=writes.read_body)
ANSWER = Command(
    "answer", "Answer a question.",
    (_TICKET, Arg("comment", "the question's number in comment list, or its ref; not needed where one is open", "?")),
    body_flags(), ("answer OW-1 --body '4040, or the next free one.'", "answer OW-1 3 --body 'Both.'"),
    act=_answer, prepare=writes.read_body)
QUESTIONS = Command(
    "questions", "List the questions that nobody has answered, oldest first.",
    (Arg("query", "of these tickets only, such as assignee:@me label:api", "*"),),
    (Flag("--query", "more of the query", "QUERY", dest="filter", short="-q"),
     Flag("--all", "of closed and archived tickets too"), *LIST_FORM),
    ("questions", "questions assignee:@me --json", "questions --format md --columns slug,by,body"), run=_questions)
