//! What the source article tells of six places, lived through with the real binary:
//! a hub, a node with the place's own playbook, tokens, mutual TLS; and every story
//! ends with the number that the district sees.

mod harness;

#[path = "e2e/article/baibuting.rs"]
mod baibuting;
#[path = "e2e/article/cuizhuyuan.rs"]
mod cuizhuyuan;
#[path = "e2e/article/qinghe.rs"]
mod qinghe;
#[path = "e2e/article/qingshan.rs"]
mod qingshan;
#[path = "e2e/article/ruiquan.rs"]
mod ruiquan;
#[path = "e2e/article/tianning.rs"]
mod tianning;
