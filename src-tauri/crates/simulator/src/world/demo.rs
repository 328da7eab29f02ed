//! The world that people meet first: a small studio's outreach, invented from end to end.

use chrono::{DateTime, FixedOffset};
use crm_sync_domain::Platform;

use super::texts::Line;
use super::{InboxSpec, Names, PersonId, Recipe, Texts, World, WorldSpec};

/// Conversations turn by turn: `>` is ours.
const TALKS: [&[&str]; 8] = [
    &[
        ">Hi {}! I run a small ceramics studio and loved your last post. Would you be open to trying a piece?",
        "Hey, thank you! That sounds lovely. What did you have in mind?",
        ">A set of two cups from the new glaze. No strings, just tell me what you think.",
        "I'd love that. Where do I send my address?",
        ">Right here is fine, it only goes on the parcel.",
        "Sent! Also, do you ship to friends abroad? Asking for my sister.",
        ">We do, eight to ten days.",
        "They arrived!! The blue is unreal. Posting tomorrow.",
        ">You made our week. Can we reshare it?",
        "Of course, tag me please",
    ],
    &[
        ">Hello {}, quick one: do you take paid partnerships in spring?",
        "Hi! Yes, from March. Rates are 450 for a reel and 200 for stories.",
        ">Thanks for being so clear. Could we do one reel and two stories?",
        "That would be 800 for all three, usage for 30 days included.",
        ">Deal. Who should the contract go to?",
        "My manager, I'll put you in touch this afternoon.",
    ],
    &[
        ">Hi {}, we met at the makers' market on Saturday. You asked about wholesale.",
        "Oh right, the speckled plates! What's the minimum order?",
        ">24 pieces, mixed as you like, 40 % off retail.",
        "Let me check with my partner and come back to you",
        ">No hurry. I can put a sample box aside until Friday.",
    ],
    &[
        "Hi, are you still looking for photographers for the studio?",
        ">Hi {}! We are. Do you have a portfolio?",
        "Just the feed for now, website is coming next month",
        ">The feed is great. Half a day in week 12, 320 plus travel?",
        "Works for me. Tuesday or Thursday?",
        ">Thursday, 9:30. I'll send the address.",
        "See you then 🙌",
    ],
    &[">Hi {}! Your kitchen series is wonderful. May I send you our new salt cellar to try?"],
    &[
        "do you do custom colours? need 6 mugs for my team",
        ">We do from 6 pieces up, 38 each, about five weeks. Which colour?",
        "something like a dark forest green",
        ">Found a glaze you'll like, photo tomorrow.",
        "perfect, thank you",
    ],
    &[
        ">Hello {}, our spring collection is out on Monday. Would you like early access?",
        "Yes please! Is the tall vase in it?",
        ">It is, in three colours. Link comes on Sunday evening.",
        "Amazing, can't wait",
        ">You're on the list.",
        "Ordered two. That was fast!",
        ">They leave tomorrow. Thank you!",
    ],
    &[
        ">Hi {}, thanks for following along! Anything you'd like to see more of?",
        "More of the kiln videos! They're so calming",
        ">Noted, there's one coming this week.",
        "Not right now, but let's talk after summer",
    ],
];

/// A friendly world for people who try the program: `contacts` people over the three platforms, all invented. One
/// thread on Instagram can't be opened, so that they see what that looks like.
pub fn demo(seed: u64, contacts: u32, now: DateTime<FixedOffset>) -> World {
    let inbox = |contacts: u32, longest: u32| InboxSpec {
        messages: 1..=longest,
        names: Names::Plain,
        texts: Texts::Demo,
        unread_share: 25,
        scored_share: 70,
        ..InboxSpec::of(contacts)
    };
    let share = contacts / 3;
    let spec = WorldSpec {
        seed,
        now,
        instagram: InboxSpec { general_share: 15, requests_share: 15, ..inbox(contacts - 2 * share, 10) },
        twitter: inbox(share, 8),
        tiktok: inbox(share, 6),
    };
    let mut world = World::generate(&spec);
    for (place, inbox) in world.inboxes.iter_mut().enumerate() {
        for person in &mut inbox.people {
            person.display_name = name(place, person.id);
            let (first, last) = person.display_name.split_once(' ').unwrap_or((&person.display_name, ""));
            let last = last.rsplit(' ').next().unwrap_or(last).to_lowercase();
            person.handle = match person.id.0 % 3 {
                0 => format!("{}{last}{}", first.to_lowercase(), person.id.0 + 10),
                1 => format!("{}.{last}.{}", first.to_lowercase(), person.id.0 + 10),
                _ => format!("{last}_{}{}", first.to_lowercase(), person.id.0 + 10),
            };
        }
    }
    if let Some(person) = world.inboxes[0].people.get_mut(4) {
        person.openable = false;
    }
    world
}

/// How many turns a person's conversation has at most.
pub(super) fn turns(platform: Platform, person: PersonId) -> u32 {
    u32::try_from(talk(platform, person).len()).unwrap_or(u32::MAX)
}

fn talk(platform: Platform, person: PersonId) -> &'static [&'static str] {
    TALKS[(person.0 as usize + super::index(platform) * 3) % TALKS.len()]
}

pub(super) fn line(recipe: &Recipe, seq: u32) -> Line {
    let talk = talk(recipe.platform, recipe.person);
    let said = talk[seq as usize % talk.len()];
    let (said, outbound) = said.strip_prefix('>').map_or((said, false), |ours| (ours, true));
    let name = name(super::index(recipe.platform), recipe.person);
    let first = name.split(' ').next().unwrap_or_default();
    Line { text: said.replace("{}", first), outbound, attachment: false }
}

/// Everybody has another name, over all three platforms.
fn name(inbox: usize, person: PersonId) -> String {
    let place = u32::try_from(inbox).unwrap_or_default();
    super::names::plain(person.0 * 3 + place)
}
