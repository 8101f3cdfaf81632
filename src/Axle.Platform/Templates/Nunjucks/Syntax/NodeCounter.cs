using System.Runtime.CompilerServices;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Keeps a parse within the limits, across all the pieces of a template.</summary>
internal sealed class NodeCounter(RenderLimits limits)
{
    private int _nodes;
    private int _depth;

    /// <summary>Passes a new node through.</summary>
    public T Count<T>(T node)
        where T : Node
    {
        if (++_nodes > limits.NodesMax)
        {
            throw TemplateFault.Limit($"the template has more than {limits.NodesMax} parts", node.Position);
        }

        return node;
    }

    /// <summary>One level deeper; a fault ends the parse, so leaving needs no <c>finally</c>.</summary>
    public void Enter(int position)
    {
        if (++_depth > limits.DepthMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw TemplateFault.Limit($"the template nests more than {limits.DepthMax} levels", position);
        }
    }

    public void Leave() => _depth--;
}
