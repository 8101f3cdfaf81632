using Axle.Contracts;
using Axle.Platform.Files;

namespace Axle.Platform.Secrets.Stores;

/// <summary>Nothing can be had from a store now, whatever the path.</summary>
internal sealed record StoreOutage(string Store, string What)
    : Error("secrets.store_outage", $"The secret store {Store} {What}.", $"axle secret store test {Store}", 502);

internal sealed record StoreAnswerUnclear(string Store, string Path, string Expected)
    : Error("secrets.store_answer", $"What {Store} answers for {Path} is not {Expected}.", $"axle secret store test {Store}", 502);

internal sealed record RemoteMissing(string Store, string Path)
    : Error("secrets.remote_missing", $"There is nothing at {Path} in {Store}, or it was deleted.", "Correct the path, or write the secret there.", 422);

internal sealed record RemoteDenied(string Store, string Path)
    : Error("secrets.remote_denied", $"Axle's token may not read {Path} in {Store} (403).", $"Permit it in {Store}, for reading only; or correct the path.", 422);

internal sealed record FieldMissing(RemoteReference Reference)
    : Error("secrets.remote_field", $"{Reference.Path} in {Reference.Store} has no field {Reference.Field} that is text.", "Correct what stands after '#'.", 422);

internal sealed record ReferenceRefused(string Text, string Form)
    : Error("secrets.reference", $"'{SafePath.Shown(Text)}' is no reference to a secret.", $"Write STORE:{Form}, in letters, digits and ._-", 422);

internal sealed record ReferenceNotPermitted(string Store, string Path, string Whose)
    : Error("secrets.reference_denied", $"Secrets of {Whose} may not refer to {Path} in {Store}.", $"An administrator can set it, or permit the path: axle secret store add {Store} --allow PATH", 403);

internal sealed record StoreUnknown(string Store)
    : Error("secrets.store_unknown", $"There is no secret store '{SafePath.Shown(Store)}'.", "axle secret store list", 404);

internal sealed record StoreInUse(string Store, int Count, string First)
    : Error("secrets.store_used", $"{Count} {(Count == 1 ? "secret refers" : "secrets refer")} to {Store}, {First} among them.", "Give them values of their own (axle secret set) or unset them first.", 409);

internal sealed record StoreRefused(string What, string Advice)
    : Error("secrets.store", $"The secret store cannot be added: {What}.", Advice, 422);

internal sealed record ValueAndReference(string Name)
    : Error("secrets.value_and_reference", $"{Name} cannot have a value of its own and come from elsewhere too.", "Give one of the two.", 422);

/// <summary>Asks to change here what is decided elsewhere.</summary>
internal sealed record SecretIsReference(string Name, string From, SecretScope Scope)
    : Error("secrets.is_reference", $"{Name} of {Scope.Words} comes from {From}.", $"Change it there; axle secret refresh {Name} {Scope.Options} fetches it at once. For a value of its own: axle secret set {Name} {Scope.Options}", 409);

/// <summary>Asks to fetch what is not fetched.</summary>
internal sealed record SecretNotReference(string Name, SecretScope Scope)
    : Error("secrets.not_reference", $"{Name} of {Scope.Words} has a value of its own, which is fetched from nowhere.", $"axle secret set {Name} {Scope.Options} --from STORE:PATH#FIELD", 409);
