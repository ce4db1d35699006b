//! Index patterns that name other clusters, between two real ones.

use super::nodes::{agrees, at, fill, typed};
use super::{addresses, pool, run};
use crate::support::elastic;
use crate::support::series::Form;
use syncline::model::hosts::HostSelection;

#[tokio::test(flavor = "multi_thread")]
async fn hosts_of_several_clusters_are_one_fleet_and_one_that_is_away_is_no_missing_data() {
    let (Some(near), Some(far)) = (elastic::own("near"), elastic::own("far")) else { return };
    let ips = addresses(6);
    let mut expected = Vec::new();
    for (node, index, ips) in [(&near, "zabbix-near", &ips[..3]), (&far, "zabbix-far", &ips[3..])] {
        node.index(index, typed()).await;
        expected.extend(fill(node, index, ips, 1, Form::Number).await);
    }
    near.remote("cluster2", &far).await;
    agrees(&at(&near, "cluster*:zabbix-*"), &ips[3..], &expected[3..]).await;
    let both = at(&near, "zabbix-*,cluster*:zabbix-*");
    agrees(&both, &ips, &expected).await;
    let (inventory, _dir) = pool(&ips[..1]).await;
    let full = run(&both, HostSelection::FullSync { group: None }, &inventory).await;
    assert_eq!((full.counts(), full.word(&ips[0]), full.word(&ips[5])), ((6, 6, 0, 0), "updated", "inserted"));
    // The other cluster goes away: as one that must answer, and as one that may be left out of an answer.
    drop(far);
    for skip in [false, true] {
        near.remote_may_be_skipped("cluster2", skip).await;
        let (inventory, _dir) = pool(&ips).await;
        let ended = run(&both, HostSelection::Pool, &inventory).await;
        assert_eq!(ended.counts(), (6, 0, 6, 0), "skip {skip}: {:?}", ended.results);
        assert!(ended.results.iter().all(|r| ended.word(&r.ip) != "no_data"), "skip {skip}: {:?}", ended.results);
        if skip {
            assert_eq!(ended.word(&ips[5]), "es_partial");
        }
    }
}
