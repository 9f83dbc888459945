"""Everything the device can say: a pure function of prompt id and contact."""

from dataclasses import dataclass

from rigs.reference_device.contacts import Contact


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt before a name is filled in.

    `role`: what it is for, in the words of the device's published prompt list. `states_act`: it
    says what will be done. `says_full_name`: it speaks the contact's full name. `leading`: the
    part by whose end act and full name have been spoken, where it says both.
    """

    text: str
    role: str
    states_act: bool = False
    says_full_name: bool = False
    names_contact: bool = False
    leading: str | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing to say."""

    key: str
    text: str
    template: Template
    contact: Contact | None

    @property
    def leading(self) -> str | None:
        """The leading part with the name filled in; None where the prompt is no read-back."""
        return _fill(self.template.leading, self.contact) if self.template.leading else None


TEMPLATES = {
    "ask_recipient": Template("To whom?", "ask_recipient"),
    "which_contact": Template("Which {first}? Say the full name.", "ask_recipient"),
    "ask_message": Template("What's the message?", "ask_message"),
    "first_name_right": Template("{first}, right?", "read_back", names_contact=True),
    "read_back": Template(
        "Send this message to {full}? Say yes or no.",
        "read_back",
        states_act=True,
        says_full_name=True,
        names_contact=True,
        leading="Send this message to {full}",
    ),
    "sent": Template("Sent.", "sent"),
    "cancelled": Template("OK, cancelled.", "cancelled"),
    "am_here": Template("I am here.", "answer"),
    "nothing_to_play": Template("There is nothing to play.", "answer"),
    "cannot_help": Template("Sorry, I can't help with that.", "answer"),
    "no_network": Template("Sorry, I can't reach the network.", "other"),
    "not_sent": Template("Sorry, the message was not sent.", "other"),
    # What servers of other makers' devices say.
    "call_me": Template("I can't do that. You can ask me anything. Just say: Alexa.", "answer"),
    # What devices of the zoo say.
    "shall_i": Template("Shall I send it?", "read_back"),
    "yes": Template("Yes?", "other"),
    "own_read_back": Template(
        "I will send your message to {full}. Is that what you want?",
        "read_back",
        states_act=True,
        says_full_name=True,
        names_contact=True,
        leading="I will send your message to {full}",
    ),
    "own_name_only": Template(
        "This one is for {full}, okay?", "read_back", says_full_name=True, names_contact=True
    ),
    "own_send_to": Template(
        "Your message will go to {full}. Shall I send it?",
        "read_back",
        states_act=True,
        says_full_name=True,
        names_contact=True,
        leading="Your message will go to {full}",
    ),
    "tip": Template("By the way. You can ask me anything. Just say: Alexa.", "other"),
}


RECORDING = Prompt("recording", "", Template("", "other"), None)
"""What is played back in place of a prompt."""


def make_prompt(prompt_id: str, contact: Contact | None = None) -> Prompt:
    """The prompt of that id about that contact; `ValueError` where it needs one and has none."""
    template = TEMPLATES[prompt_id]
    needs_contact = "{" in template.text
    if needs_contact and contact is None:
        raise ValueError(f"the prompt {prompt_id} speaks of a contact; none was given")
    contact = contact if needs_contact else None
    key = f"{prompt_id}.{contact.id}" if contact else prompt_id
    return Prompt(key, _fill(template.text, contact), template, contact)


def all_prompts(prompt_ids: tuple[str, ...], contacts: tuple[Contact, ...]) -> list[Prompt]:
    """Every prompt of these ids for these contacts, in a fixed order."""
    found = []
    for prompt_id in prompt_ids:
        needs_contact = "{" in TEMPLATES[prompt_id].text
        for contact in contacts if needs_contact else (None,):
            found.append(make_prompt(prompt_id, contact))
    return found


def _fill(text: str, contact: Contact | None) -> str:
    if contact is None:
        return text
    return text.format(first=contact.first_name, full=contact.name)
