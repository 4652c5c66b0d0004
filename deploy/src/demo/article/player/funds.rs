//! A street's façades: what is applied for, pledged, started and paid at once.

use proto::pb::node as pb;
use proto_edge::node::fund_service_client::FundServiceClient;

use super::super::deed::Deed;
use super::Player;
use crate::failure::Failure;

impl Player {
    pub(super) async fn fund(&mut self, deed: &Deed) -> Result<(), Failure> {
        match deed {
            Deed::OpenScheme {
                scheme,
                tiers,
                eligible,
            } => {
                let tier = |percent: &u32| pb::SubsidyTier {
                    percent: *percent,
                    places: 1,
                    ..Default::default()
                };
                let made = call!(
                    self,
                    FundServiceClient.open_fund,
                    fund,
                    OpenFundRequest {
                        kind: "facade-subsidy".to_owned(),
                        title: "外立面改造".to_owned(),
                        tiers: tiers.iter().map(tier).collect(),
                        eligible: *eligible,
                    }
                );
                self.keep(*scheme, made.name);
            }
            Deed::Apply {
                scheme,
                building,
                agreed_on,
                total,
                household_part,
            } => {
                let (name, building) = (self.name(*scheme), (*building).to_owned());
                call!(
                    self,
                    FundServiceClient.apply_for_subsidy,
                    fund,
                    ApplyForSubsidyRequest {
                        name: name.clone(),
                        building: building.clone(),
                        agreed_on: agreed_on.to_string(),
                        total: *total,
                    }
                );
                call!(
                    self,
                    FundServiceClient.pledge_household_part,
                    fund,
                    PledgeHouseholdPartRequest {
                        name: name.clone(),
                        building: building.clone(),
                        fen: *household_part,
                    }
                );
                self.change(&name, &building, pb::BuildingState::Started)
                    .await?;
                call!(
                    self,
                    FundServiceClient.pay_subsidy,
                    fund,
                    PaySubsidyRequest {
                        name: name,
                        building: building,
                        fen: *total - *household_part,
                    }
                );
            }
            Deed::FinishBuilding { scheme, building } => {
                let name = self.name(*scheme);
                self.change(&name, building, pb::BuildingState::Done)
                    .await?;
            }
            _ => {}
        }
        Ok(())
    }

    async fn change(
        &mut self,
        name: &str,
        building: &str,
        to: pb::BuildingState,
    ) -> Result<(), Failure> {
        call!(
            self,
            FundServiceClient.change_building,
            fund,
            ChangeBuildingRequest {
                name: name.to_owned(),
                building: building.to_owned(),
                to: to.into(),
            }
        );
        Ok(())
    }
}
