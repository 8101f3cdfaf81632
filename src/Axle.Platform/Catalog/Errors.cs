using Axle.Contracts;

namespace Axle.Platform.Catalog;

internal sealed record DescriptorsInvalid : Error
{
    public DescriptorsInvalid(IReadOnlyList<Problem> problems)
        : base("catalog.invalid", problems.Count == 1 ? $"The file has a mistake: {problems[0]}." : $"The file has {problems.Count} mistakes; the first: {problems[0]}.", "Correct them and apply again; nothing was changed.", 422) =>
        Problems = problems;
}

internal sealed record KindInternal(EntityRef Which)
    : Error("catalog.internal", $"{Which.Short} is written by the platform only.", "Use the verbs: axle deploy, axle promote, axle rollback, axle cancel.", 403);

internal sealed record IdentityProtected(EntityRef Which)
    : Error("catalog.identity", $"{Which.Short} decides who may do what, so only administrators may change it.", "Ask an administrator of this platform.", 403);

internal sealed record OwnerNotYours(EntityRef Which, EntityRef Owner, EntityRef User)
    : Error("catalog.owner_not_yours", $"{User.Short} cannot give {Which.Short} to {Owner.Short}: they do not belong to it.", $"Name one of your own groups as spec.owner (axle describe {User.Short}), or ask {Owner.Short}.", 403);

internal sealed record OwnerNeeded(EntityRef Which)
    : Error("catalog.owner_needed", $"{Which.Short} has no owner, so only administrators may create it.", "Name one of your groups as spec.owner.", 403);

internal sealed record NamedOtherwise(EntityRef Address, EntityRef Body)
    : Error("catalog.named_otherwise", $"The address says {Address.Short}, the body says {Body.Short}.", "Make them the same.", 422);

internal sealed record QueryInvalid(string Message, string Step) : Error("catalog.query_invalid", Message, Step, 400);

internal sealed record CatalogInputInvalid(string Message) : Error("catalog.input_invalid", Message, null, 400);

internal sealed record CatalogEntityUnknown(string Message) : Error("catalog.entity_unknown", Message, null, 404);

/// <param name="Missing">The host says that there is no such file.</param>
internal sealed record TargetUnreadable(Uri Target, string Reason, bool Missing = false)
    : Error("catalog.target_unreadable", $"{Target.AbsoluteUri} cannot be read: {Reason}.", "Check the address; entities read from it before are kept.", 400);

internal sealed record HostUnusable(string Host, string Reason)
    : Error("catalog.host_unusable", $"{Host} cannot be asked: {Reason}.", "What is known from it before is kept.", 502);

internal sealed record HostBusy(string Host, DateTimeOffset Until)
    : Error("catalog.host_busy", $"{Host} wants to be left alone until {Until:HH:mm:ss} UTC.", "What is known from it before is kept; Axle asks again by itself.", 503);

internal sealed record DiscoveryRefused(string Type)
    : Error("catalog.discovery", $"A location of type {Type} reads all repositories of an organisation, so only administrators register it.", "Ask an administrator of this platform.", 403);

internal sealed record TargetInvalid(string Target)
    : Error("catalog.target_invalid", $"'{Target}' is no address that can be read: it must be http or https, without credentials, or relative to the file it stands in.", null, 400);

internal sealed record LocationExists(string Target) : Error("catalog.location_exists", $"Location url:{Target} already exists", null, 409);
