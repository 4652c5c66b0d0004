//! All requests, offers and keys, and the log of what each community has to hear:
//! of each thing its newest place alone, so that what a node is sent after a month
//! is as much as has changed, not as often as it has.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use proto::{
    identity::{Label, LogId},
    place::Place,
    support::{
        Answer, Card, Down, EXCHANGE_LETTERS, Letter, Offer, OfferKey, Recipient, RequestKey, Up,
    },
    sync::downlink::Cursor,
};

use super::{Event, Request};

/// An offer, and whom it went to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub offer: Offer,
    pub communities: Vec<Place>,
    seq: u64,
}

/// How far a node's letters are here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Received {
    lineage: u32,
    through: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    Request(RequestKey),
    Offer(OfferKey),
}

/// A copy is cheap: what is large is shared.
#[derive(Clone, Debug, Default)]
pub struct State {
    head: u64,
    requests: BTreeMap<(Place, RequestKey), Arc<Request>>,
    /// The order in which they came, for lists.
    arrived: Vec<(Place, RequestKey)>,
    offers: BTreeMap<OfferKey, Arc<Published>>,
    published: Vec<OfferKey>,
    cards: BTreeMap<Label, (u64, Recipient)>,
    post: BTreeMap<Place, Arc<BTreeMap<u64, Item>>>,
    /// The place of a request in its community's post.
    places: BTreeMap<(Place, RequestKey), u64>,
    received: BTreeMap<Place, Received>,
}

impl State {
    /// The last place of the log.
    pub fn head(&self) -> u64 {
        self.head
    }

    pub fn request(&self, community: Place, key: RequestKey) -> Option<&Request> {
        self.requests.get(&(community, key)).map(|one| &**one)
    }

    /// Newest first, from the `before`th that came on; with their places in order.
    pub fn requests(&self, before: usize) -> impl Iterator<Item = (usize, Place, &Request)> {
        let arrived = self.arrived.iter().enumerate().take(before).rev();
        arrived.filter_map(|(at, name)| {
            let request = self.requests.get(name)?;
            Some((at, name.0, &**request))
        })
    }

    /// Requests of a community that are not over.
    pub fn open_requests(&self, community: Place) -> usize {
        let first = (community, RequestKey(0));
        let last = (community, RequestKey(u64::MAX));
        let own = self.requests.range(first..=last);
        own.filter(|(_, request)| !request.is_over()).count()
    }

    pub fn offer(&self, key: OfferKey) -> Option<&Published> {
        self.offers.get(&key).map(|one| &**one)
    }

    /// As [`State::requests`].
    pub fn offers(&self, before: usize) -> impl Iterator<Item = (usize, &Published)> {
        let published = self.published.iter().enumerate().take(before).rev();
        published.filter_map(|(at, key)| Some((at, &**self.offers.get(key)?)))
    }

    pub fn recipient(&self, centre: &Label) -> Option<&Recipient> {
        self.cards.get(centre).map(|(_, recipient)| recipient)
    }

    /// Up to which letter of this lineage everything is here.
    pub fn received(&self, community: Place, lineage: u32) -> u64 {
        let received = self.received.get(&community);
        received
            .filter(|received| received.lineage == lineage)
            .map_or(0, |received| received.through)
    }

    /// The next letters of a community after `cursor`; all of them where the cursor
    /// means nothing in this log.
    pub fn answer(
        &self,
        community: Place,
        lineage: u32,
        log_id: LogId,
        cursor: Option<Cursor>,
    ) -> Answer {
        let known = cursor.filter(|at| at.log_id == log_id && at.seq <= self.head);
        let after = known.map_or(0, |cursor| cursor.seq);
        let cards = self.cards.iter().filter(|(_, (seq, _))| *seq > after);
        let mut letters: Vec<Letter> = cards
            .map(|(centre, (seq, recipient))| Letter {
                seq: *seq,
                down: Down::Card(Card {
                    centre: centre.clone(),
                    recipient: recipient.clone(),
                }),
            })
            .collect();
        let post = self.post.get(&community);
        let own = post.into_iter().flat_map(|post| post.range(after + 1..));
        // Later ones than these are not among the first either way.
        let own = own.take(EXCHANGE_LETTERS);
        letters.extend(own.filter_map(|(seq, item)| {
            let down = match item {
                Item::Request(key) => Down::Progress(self.request(community, *key)?.progress()),
                Item::Offer(key) => Down::Offer(self.offer(*key)?.offer.clone()),
            };
            Some(Letter { seq: *seq, down })
        }));
        letters.sort_by_key(|letter| letter.seq);
        letters.truncate(down_letters(&letters));
        let seq = letters.last().map_or(after, |last| last.seq);
        Answer {
            received: self.received(community, lineage),
            cursor: Cursor { log_id, seq },
            letters,
        }
    }

    /// Total: what was journalled is never refused.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Received {
                community,
                lineage,
                first,
                letters,
            } => self.receive(*community, *lineage, *first, letters),
            Event::Moved {
                community,
                request,
                at,
                to,
                ..
            } => {
                if let Some(held) = self.requests.get_mut(&(*community, *request)) {
                    Arc::make_mut(held).apply(*at, to);
                    self.post_request(*community, *request);
                }
            }
            Event::Carded { centre, recipient } => {
                self.head += 1;
                let card = (self.head, recipient.clone());
                self.cards.insert(centre.clone(), card);
            }
            Event::Offered { offer, communities } => {
                self.head += 1;
                for community in communities {
                    self.post_at(*community, None, Item::Offer(offer.key));
                }
                let published = Published {
                    offer: (**offer).clone(),
                    communities: communities.clone(),
                    seq: self.head,
                };
                if self.offers.insert(offer.key, Arc::new(published)).is_none() {
                    self.published.push(offer.key);
                }
            }
            Event::OfferClosed { offer: key, at } => {
                self.head += 1;
                let seq = self.head;
                if let Some(held) = self.offers.get_mut(key) {
                    let published = Arc::make_mut(held);
                    published.offer.closed_at = Some(*at);
                    let before = std::mem::replace(&mut published.seq, seq);
                    for community in published.communities.clone() {
                        self.post_at(community, Some(before), Item::Offer(*key));
                    }
                }
            }
        }
    }

    fn receive(&mut self, community: Place, lineage: u32, first: u64, letters: &[Up]) {
        let received = self.received.entry(community).or_default();
        if lineage > received.lineage {
            *received = Received {
                lineage,
                through: 0,
            };
        }
        received.through = received.through.max(first + letters.len() as u64 - 1);
        for letter in letters {
            let name = |key: &RequestKey| (community, *key);
            match letter {
                Up::Asked(asked) => {
                    let name = name(&asked.request);
                    // A store that came back sends its letters again.
                    if let Entry::Vacant(place) = self.requests.entry(name) {
                        place.insert(Arc::new(Request::new(asked.clone())));
                        self.arrived.push(name);
                    }
                }
                Up::Withdrawn { request, at } => {
                    if let Some(held) = self.requests.get_mut(&name(request)) {
                        Arc::make_mut(held).withdraw(*at);
                    }
                }
                Up::Rated(rated) => {
                    if let Some(held) = self.requests.get_mut(&name(&rated.request)) {
                        Arc::make_mut(held).rate(rated);
                    }
                }
            }
        }
    }

    fn post_request(&mut self, community: Place, key: RequestKey) {
        self.head += 1;
        let before = self.places.insert((community, key), self.head);
        self.post_at(community, before, Item::Request(key));
    }

    /// At the head, in place of where it was before.
    fn post_at(&mut self, community: Place, before: Option<u64>, item: Item) {
        let post = Arc::make_mut(self.post.entry(community).or_default());
        if let Some(before) = before {
            post.remove(&before);
        }
        post.insert(self.head, item);
    }
}

/// How many of these go in one answer: two texts of the greatest size are 16 KiB.
fn down_letters(letters: &[Letter]) -> usize {
    let mut bytes = 0;
    let fits = letters.iter().take(EXCHANGE_LETTERS).take_while(|letter| {
        bytes += 256 + text_bytes(&letter.down);
        bytes <= proto::support::EXCHANGE_BYTES
    });
    // One always does.
    fits.count().max(1)
}

fn text_bytes(down: &Down) -> usize {
    match down {
        Down::Progress(progress) => progress.words.as_ref().map_or(0, |w| w.as_str().len()),
        Down::Offer(offer) => offer.title.as_str().len() + offer.text.as_str().len(),
        Down::Card(_) => 0,
    }
}
