using Axle.Platform.Templates.Actions;

namespace Axle.Platform.Templates.Tasks;

/// <summary>Every action by its id.</summary>
internal sealed class ActionTable(IEnumerable<ITemplateAction> actions)
{
    public IReadOnlyDictionary<string, ITemplateAction> All { get; } = actions.ToDictionary(action => action.Id, StringComparer.Ordinal);
}
